// A mail host on Node's tls module: an OpenSSL newer than the system's, with the hybrid X25519MLKEM768 and nothing else.
// usage: sink.js PORT CHAIN KEY
const net = require('net'), tls = require('tls'), fs = require('fs');
const [port, chain, key] = process.argv.slice(2);
const context = tls.createSecureContext({ cert: fs.readFileSync(chain), key: fs.readFileSync(key), minVersion: 'TLSv1.3', ecdhCurve: 'X25519MLKEM768' });

function serve(socket, encrypted) {
  let text = '', data = false;
  const say = line => socket.write(line + '\r\n');
  if (!encrypted) say('220 node.test ESMTP');
  const read = chunk => {
    text += chunk.toString('latin1');
    for (let end; (end = text.indexOf('\r\n')) >= 0;) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      const word = line.split(' ')[0].toUpperCase();
      if (data) {
        if (line === '.') {
          data = false;
          console.log('message in', encrypted ? socket.getProtocol() : 'clear');
          say('250 taken');
        }
      } else if (word === 'EHLO') say(encrypted ? '250 node.test' : '250-node.test\r\n250 STARTTLS');
      else if (word === 'STARTTLS') {
        say('220 go ahead');
        socket.removeListener('data', read);
        const inner = new tls.TLSSocket(socket, { isServer: true, secureContext: context });
        inner.on('error', error => console.log('error', error.message));
        serve(inner, true);
        return;
      } else if (word === 'DATA') {
        data = true;
        say('354 go ahead');
      } else if (word === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    }
  };
  socket.on('data', read);
  socket.on('error', () => { });
}
console.log('Node', process.version, 'OpenSSL', process.versions.openssl);
net.createServer(socket => serve(socket, false)).listen(Number(port), '127.0.0.1');
