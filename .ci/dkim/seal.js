// Seals a message as a hop before the relay does, and breaks another such seal: seal.js KEYS PRIVATE-KEY FOLDER.
const fs = require('fs');
const { authenticate } = require('mailauth');

const [keys, key, folder] = process.argv.slice(2);
const resolver = require('./keys').resolver(keys);
const message = 'From: a@elsewhere.example\r\nTo: list@example.net\r\nSubject: sealed before\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@elsewhere.example>\r\n\r\nsome  text\r\n';
(async () => {
    const { headers } = await authenticate(Buffer.from(message), {
        ip: '192.0.2.1', helo: 'elsewhere.example', sender: 'a@elsewhere.example', mta: 'hop.example', resolver,
        seal: { signingDomain: 'hop.example', selector: 'm2026', privateKey: fs.readFileSync(key) }
    });
    fs.mkdirSync(folder);
    const seals = headers.slice(headers.search(/^ARC-/m));
    fs.writeFileSync(folder + '/whole', seals + message);
    fs.writeFileSync(folder + '/broken', seals + message.replace('some', 'other'));
})().catch(error => {
    console.error(error);
    process.exit(1);
});
