/** Checks that rightly come to less through a proxy, each by its scenario, id and verdict, with what the suite itself says to it. */
export const explanations = [
  {
    scenario: 'server-sse-polling',
    id: 'server-sse-disconnect-resume',
    to: 'INFO',
    reason:
      'the tool closes its own stream, which is the one to the proxy; the suite takes the answer on the first stream as "server did not disconnect mid-call" and judges nothing',
  },
];
