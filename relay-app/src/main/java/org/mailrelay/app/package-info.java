/// The program: [Main] and its command line in `command`, the assembly in `serve`, the admin socket in `admin`, the demo in `demo`, other systems' files in `migration`.
@NullMarked
package org.mailrelay.app;

import org.jspecify.annotations.NullMarked;
