// Verifies both signatures of each message by mailauth: verify.js KEYS CHANGED MESSAGE...
const fs = require('fs');
const { dkimVerify } = require('mailauth/lib/dkim/verify');

const [keys, changed, ...messages] = process.argv.slice(2);
const records = new Map(fs.readFileSync(keys, 'utf8').trim().split('\n').map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
const resolver = async (name, type) => {
    if (type === 'TXT' && records.has(name)) {
        return [[records.get(name)]];
    }
    throw Object.assign(new Error('no such name: ' + name), { code: 'ENOTFOUND' });
};
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
