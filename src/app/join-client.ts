import { denialOf } from '../batch/plan/denial-of.ts';
import type { ApprovalOwner } from '../core/approval.ts';
import { refusal, rpcCode } from '../core/protocol/rpc.ts';
import type { OwnedApprovalDesk } from '../approvals/create-approval-desk.ts';
import type { Client } from '../core/protocol/client.ts';
import type { BatchBook } from '../serve/batch/book/batch-book.ts';
import type { Engine } from '../serve/engine.ts';
import type { Fleet, JoinedLink } from '../upstream/fleet.ts';
import { when } from '../upstream/pace/when.ts';
import type { GroupCatalogs } from './group-catalogs.ts';
import { traceSendings } from './trace-sendings.ts';

/**
 * On a first start, with nothing kept for its capabilities, a client's `tools/list` is answered so long after its group was opened at the
 * latest, less what the start of the process took. Clients are promised four seconds (opencode gives up at five), and count from the start.
 */
const firstListMs = 3_600;

/** What the engines of all clients have in common. */
export interface SharedEngine extends Pick<
  Engine,
  'version' | 'setup' | 'scheduler' | 'validate' | 'journal' | 'flow' | 'clock' | 'logger' | 'telemetry'
> {
  batchBook: BatchBook;
  approvals: OwnedApprovalDesk;
  /** Between the start of the process and that of the proxy. */
  startupMs: number;
}

/** Makes the engine of one client: what it sees of everything else. */
export function joinClient(
  client: Client,
  { fleet, catalogs, shared }: { fleet: Fleet; catalogs: GroupCatalogs; shared: SharedEngine },
): Engine {
  const { logger } = shared;
  /** Why a call of this tool may not be sent, be it planned when it still might. */
  const withheld = (server: string, tool: string): string | undefined =>
    // No other address reads like this one, and no tool of a server has the name of another one.
    live.current().byAddress.get(`${server}/${tool}`)?.[0]?.quarantine;
  const link = fleet.join(client, { isWithheld: (server, tool) => withheld(server, tool) !== undefined });
  const sendings = traceSendings(link, shared);
  const { group } = link;
  const live = catalogs.of(group);
  const isShared = client.isShared === true;
  const batches = shared.batchBook.join({ isShared });
  const { id, principal = id, era } = client;
  const leaveApprovals = shared.approvals.attend({ id, isSession: era === 'legacy' });
  // Who has proved who they are has read what they have read, though one of their sessions ends: others go on, or the next one begins.
  const leaveFlow = shared.flow.join({ id: principal, isSession: era === 'legacy' && principal === id });
  return {
    ...shared,
    approvals: deskOfSession(shared.approvals, id),
    isShared,
    batches,
    catalog: live.current,
    recipes: live.recipes,
    onCatalogChange: live.onChange,
    listable: (server) => (server === undefined ? untilListable(link, shared.startupMs) : untilListed(link, server)),
    unavailable(name) {
      const upstream = group.states().find((state) => state.name === name);
      if (upstream === undefined || upstream.toolCount > 0) return undefined;
      return upstream.reason ?? upstream.state;
    },
    wantsLogin: (name) => group.states().some((state) => state.name === name && state.needsLogin === true),
    offers: group.offers,
    async callUpstream(server, request) {
      try {
        const end = await sendings.call(server, request);
        if (end.ok || end.sent || end.error.code !== 'cancelled' || request.signal?.aborted === true) return end;
        const reason = withheld(server, request.tool);
        return reason === undefined
          ? end
          : { ok: false, sent: false, error: denialOf({ reason, code: 'tool_changed' }) };
      } catch (error) {
        logger.error({ server, tool: request.tool, reason: String(error) }, 'a call failed inside mcp-marshal');
        throw error;
      }
    },
    // A call that goes this way has been judged by nobody.
    requestUpstream: (server, request) =>
      request.method === 'tools/call'
        ? Promise.resolve(refusal(rpcCode.methodNotFound, `Method not found: ${request.method}`))
        : sendings.request(server, request),
    notifyUpstreams: link.notify,
    subscribe: link.subscribe,
    unsubscribe: link.unsubscribe,
    setLogLevel: link.setLogLevel,
    onNotice: link.onNotice,
    close() {
      batches.close();
      link.close();
      leaveApprovals();
      leaveFlow();
    },
  };
}

/** The desk for one session: of several that belong to one principal, a yes for the session is for the one that was asked. */
function deskOfSession(desk: OwnedApprovalDesk, session: string): Engine['approvals'] {
  const own = (owner: ApprovalOwner): ApprovalOwner => ({ ...owner, session });
  return {
    ...desk,
    isApproved: (owner, subject) => desk.isApproved(own(owner), subject),
    use: (owner, subject) => desk.use(own(owner), subject),
    approve: (owner, subject, remember) => desk.approve(own(owner), subject, remember),
    decline: (owner, subject) => desk.decline(own(owner), subject),
    enqueue: (owner, subject, from) => desk.enqueue(own(owner), subject, from),
  };
}

async function untilListable({ group, groupAgeMs }: JoinedLink, startupMs: number): Promise<void> {
  if (group.states().every(({ state, isKnown }) => state !== 'connecting' || isKnown)) return;
  const leftMs = firstListMs - startupMs - groupAgeMs();
  if (leftMs > 0) await group.settled(leftMs);
}

function untilListed({ group: { states, onChange } }: JoinedLink, server: string): Promise<void> {
  const holds = (): boolean => states().every(({ name, state }) => name !== server || state !== 'connecting');
  return when({ holds, onChange, timeoutMs: firstListMs });
}
