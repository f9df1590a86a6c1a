import { defaultChoice } from '../../generated/keySchedule.ts';
import { type Level, levelOf } from '../conformance/case.ts';
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

/** The table of spec/conformance.md: cases that make the same change to different messages share a row. */
export function conformanceTables(): Readonly<Record<string, string>> {
  const kinds = new Map<string, Kind>();
  for (const role of ['responder', 'initiator'] as const) {
    for (const test of casesFor(role, defaultChoice)) {
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
  const rows = [...kinds].map(([name, { what, levels, requirements, messages, roles }]) => [
    messages.size === 0 ? `\`${name}\`` : `\`mN-${name}\``,
    messages.size === 0 ? (roles.size === 2 ? '' : [...roles].join()) : [...messages].sort().join(', '),
    what,
    [...levels].join(', '),
    requirements.size > most
      ? `${[...requirements].slice(0, most).join(', ')}, and more`
      : [...requirements].join(', '),
  ]);
  return { cases: table(['case', 'N, or role', 'what the tester does', 'level', 'requirements'], rows) };
}
