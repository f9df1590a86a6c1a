import { defaultChoice } from '../../generated/keySchedule.ts';
import type { Role } from '../../role.ts';
import { type Case, type Level, levelOf } from '../conformance/case.ts';
import { channelCasesFor } from '../conformance/cases/channel.ts';
import { casesFor } from '../conformance/cases/index.ts';
import { table } from '../spec/text.ts';

interface Kind {
  readonly what: string;
  readonly levels: Set<Level>;
  readonly requirements: Set<string>;
  /** Numbers of the messages that the case changes. */
  readonly messages: Set<string>;
  readonly roles: Set<string>;
}

const most = 6;

/** The rows of cases: those that make the same change to different messages share one. */
function rowsOf(casesOf: (role: Role) => readonly Case[]): string[][] {
  const kinds = new Map<string, Kind>();
  for (const role of ['responder', 'initiator'] as const) {
    for (const test of casesOf(role)) {
      const { id, title, requirements } = test;
      const [, message, name = id] = /^m(\d)-(.*)$/.exec(id) ?? [];
      const what =
        message === undefined ? title : title.replace(/^message \d: /, '').replaceAll(/message \d/g, 'the message');
      const kind: Kind = kinds.get(name) ?? {
        what,
        levels: new Set(),
        requirements: new Set(),
        messages: new Set(),
        roles: new Set(),
      };
      kinds.set(name, kind);
      if (message !== undefined) kind.messages.add(message);
      kind.roles.add(role);
      kind.levels.add(levelOf(test));
      for (const requirement of requirements) kind.requirements.add(requirement);
    }
  }
  return [...kinds].map(([name, { what, levels, requirements, messages, roles }]) => [
    messages.size === 0 ? `\`${name}\`` : `\`mN-${name}\``,
    messages.size === 0 ? (roles.size === 2 ? '' : [...roles].join()) : [...messages].sort().join(', '),
    what,
    [...levels].join(', '),
    requirements.size > most
      ? `${[...requirements].slice(0, most).join(', ')}, and more`
      : [...requirements].join(', '),
  ]);
}

/** The tables of spec/conformance.md. */
export const conformanceTables = (): Readonly<Record<string, string>> => ({
  cases: table(
    ['case', 'N, or role', 'what the tester does', 'level', 'requirements'],
    rowsOf((role) => casesFor(role, defaultChoice)),
  ),
  channelCases: table(['case', 'role', 'what the tester does', 'level', 'requirements'], rowsOf(channelCasesFor)),
});
