/** What a client's model is told of this server; short, since every session pays for it. */
export const instructions = `marshal is one server in front of many. Tools are named server__tool.

Use batch_call to send several tool calls in one round trip (batch_read if all of them only read). Calls that touch the same thing run in the order given; everything else runs side by side. You get one result per call, in the order asked; one failing call does not stop the others unless onError is "stop". Do not wait for one result before you ask for the next unless its arguments depend on it.`;
