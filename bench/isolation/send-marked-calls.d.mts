export function sendMarkedCalls(options: {
  url: string;
  legacyClients: number;
  modernClients: number;
  callsPerClient: number;
  inFlight: number;
  tool: string;
}): Promise<{
  calls: number;
  tookMs: number;
  foreign: number;
  errors: number;
  lostProgress: number;
  firstFault: string | undefined;
  sessions: number;
  pids: (number | undefined)[];
}>;
