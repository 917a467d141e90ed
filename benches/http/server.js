// The twin of server.dart: node benches/http/server.js 8091
const http = require('node:http');

http.createServer((request, response) => {
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end('Hello ' + request.url);
}).listen(Number(process.argv[2] ?? 8091), '127.0.0.1');
