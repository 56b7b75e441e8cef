import { toolSignature, type SignatureRoom } from '../../batch/plan/tool-signature.ts';
import type { JsonObject } from '../../core/json.ts';

/** One of several lines: where a tool has many arguments, those that a call must have keep their types. */
const room: SignatureRoom = { maxWholeChars: 220, maxChars: 320, maxLevels: 3, maxEnumValues: 8, maxTypes: 300 };

/** Of the one tool that was asked for: as deep as anybody nests arguments, and as many values as a model can choose among. */
const wholeRoom: SignatureRoom = {
  maxWholeChars: 4_000,
  maxChars: 4_000,
  maxLevels: 8,
  maxEnumValues: 100,
  maxTypes: 2_000,
};

/**
 * A tool's arguments on one line: `(owner: string, state?: "open" | "closed")`. Where there are many, those that a call must have keep
 * their types, and of the others the names alone are shown.
 */
export function compactSignature(inputSchema: JsonObject): string {
  return toolSignature(inputSchema, room);
}

/** All that a tool takes, objects in objects too, in at most `maxChars` characters. */
export function wholeSignature(inputSchema: JsonObject, maxChars: number): string {
  const most = Math.min(wholeRoom.maxChars, maxChars);
  return toolSignature(inputSchema, { ...wholeRoom, maxWholeChars: most, maxChars: most });
}
