/// How the commands and the admin interface write JSON: [JsonText], the one class here.
@NullMarked
package org.mailrelay.app.json;

import org.jspecify.annotations.NullMarked;
