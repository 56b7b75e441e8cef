// On what a row runs: the transport and the era of the servers behind the program, or of the client before it.
export const stdio = { name: 'stdio', transport: 'stdio', era: 'legacy' };
export const http = { name: 'http', transport: 'http', era: 'legacy' };
const modernStdio = { name: 'stdio modern', transport: 'stdio', era: 'modern' };
export const modernHttp = { name: 'http modern', transport: 'http', era: 'modern' };

export const bothTransports = [stdio, http];
export const allWays = [stdio, http, modernStdio, modernHttp];
