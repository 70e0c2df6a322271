// Verifies both signatures of each message by mailauth: verify.js KEYS CHANGED MESSAGE...
const fs = require('fs');
const { dkimVerify } = require('mailauth/lib/dkim/verify');

const [keys, changed, ...messages] = process.argv.slice(2);
const resolver = require('./keys').resolver(keys);
const results = async file => {
    const verified = await dkimVerify(fs.readFileSync(file), { resolver });
    return verified.results.map(one => `${one.selector} ${one.algo} ${one.status.result}`).sort().join(', ');
};
(async () => {
    for (const file of messages) {
        const got = await results(file);
        if (got !== 'e2026 ed25519-sha256 pass, r2026 rsa-sha256 pass') {
            throw new Error(`${file}: ${got}`);
        }
    }
    const broken = await results(changed);
    if (broken.includes('pass')) {
        throw new Error('a changed message verifies: ' + broken);
    }
    console.log(`mailauth: ${messages.length} messages verify with RSA and with Ed25519, a changed one with neither`);
})().catch(error => {
    console.error(String(error));
    process.exit(1);
});
