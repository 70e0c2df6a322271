// Reads the chains of seals by mailauth: chain.js KEYS MESSAGE...
const fs = require('fs');
const path = require('path');
const { authenticate } = require('mailauth');

const [keys, ...messages] = process.argv.slice(2);
const resolver = require('./keys').resolver(keys);
(async () => {
    for (const file of messages) {
        const { arc } = await authenticate(fs.readFileSync(file), { ip: '192.0.2.1', helo: 'x', sender: 'a@elsewhere.example', mta: 'end.example', resolver, disableDmarc: true, disableBimi: true });
        const name = path.basename(file);
        const wanted = name.startsWith('sealed-broken') ? 'fail' : 'pass';
        if (arc.status.result !== wanted) {
            throw new Error(`${name}: ${JSON.stringify(arc.status)}, expected ${wanted}`);
        }
    }
    console.log(`mailauth: ${messages.length} chains of seals read as the relay meant them`);
})().catch(error => {
    console.error(String(error));
    process.exit(1);
});
