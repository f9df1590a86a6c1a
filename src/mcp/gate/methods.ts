// The methods of the protocol, of 2025-11-25 and of 2026-07-28: what a request is about, and which of its results are lists.
import { type AccessRequest, isObject, type Json } from '../contract.ts';
import { memberOf } from './json.ts';

/** What a request is about. */
export type Subject = Pick<AccessRequest, 'kind' | 'name' | 'arguments'>;
export type Kind = NonNullable<AccessRequest['kind']>;

type Params = Readonly<Record<string, Json | undefined>>;

/** One subject for each thing that is asked for; undefined when the parameters do not say what it is about. */
type SubjectsOf = (params: Params) => readonly Subject[] | undefined;

const nothing: SubjectsOf = () => [{}];

const named =
  (kind: Kind): SubjectsOf =>
  ({ name, arguments: given }) =>
    typeof name === 'string' ? [{ kind, name, ...(given !== undefined && { arguments: given }) }] : undefined;

const resource: SubjectsOf = ({ uri }) => (typeof uri === 'string' ? [{ kind: 'resource', name: uri }] : undefined);

const completion: SubjectsOf = ({ ref, argument }) => {
  if (!isObject(ref)) return undefined;
  const { type, name, uri } = ref;
  const given = argument === undefined ? {} : { arguments: argument };
  if (type === 'ref/prompt' && typeof name === 'string') return [{ kind: 'prompt', name, ...given }];
  if (type === 'ref/resource' && typeof uri === 'string') return [{ kind: 'resource', name: uri, ...given }];
  return undefined;
};

/** A subscription of 2026-07-28: itself, and each resource whose changes it asks for. */
const subscriptions: SubjectsOf = ({ notifications }) => {
  if (!isObject(notifications)) return undefined;
  const { resourceSubscriptions: uris = [] } = notifications;
  if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) return undefined;
  return [{}, ...uris.map((uri): Subject => ({ kind: 'resource', name: uri }))];
};

/** The version that a request says to be of; undefined for one of 2025-11-25 or before, which says it when a session begins. */
export function versionIn(params: Json | undefined): string | undefined {
  const version = memberOf(memberOf(params, '_meta'), 'io.modelcontextprotocol/protocolVersion');
  return typeof version === 'string' ? version : undefined;
}

/** The requests of clients, in both eras, that a policy can be asked about. All others are unknown. */
const requests = new Map<string, SubjectsOf>([
  ['initialize', nothing],
  ['server/discover', nothing],
  ['ping', nothing],
  ['logging/setLevel', nothing],
  ['tools/list', nothing],
  ['tools/call', named('tool')],
  ['prompts/list', nothing],
  ['prompts/get', named('prompt')],
  ['resources/list', nothing],
  ['resources/templates/list', nothing],
  ['resources/read', resource],
  ['resources/subscribe', resource],
  ['resources/unsubscribe', resource],
  ['subscriptions/listen', subscriptions],
  ['completion/complete', completion],
  ['tasks/get', nothing],
  ['tasks/result', nothing],
  ['tasks/list', nothing],
  ['tasks/cancel', nothing],
]);

/** The notifications of clients: they run nothing and show nothing. */
const notifications: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/roots/list_changed',
  'notifications/tasks/status',
]);

export const isKnownNotification = (method: string): boolean => notifications.has(method);

/** Whether a request has no answer before its client ends it. */
export const isEndless = (method: string): boolean => method === 'subscriptions/listen';

/** Requests that 2026-07-28 has no more. */
const removed: ReadonlySet<string> = new Set(['resources/subscribe', 'resources/unsubscribe']);

/** What a request is about: `unknown` for a method that is none, `unclear` when its parameters do not say it. */
export function subjectsOf(method: string, params: Json | undefined): readonly Subject[] | 'unknown' | 'unclear' {
  const subjects = requests.get(method);
  if (subjects === undefined || (removed.has(method) && versionIn(params) !== undefined)) return 'unknown';
  return subjects(isObject(params) ? params : {}) ?? 'unclear';
}

/** A list in a result: its member, and the member that names each of its entries. */
export interface Listing {
  readonly member: string;
  readonly kind: Kind;
  readonly key: string;
}

/** The results that are lists. */
export const listings: ReadonlyMap<string, Listing> = new Map([
  ['tools/list', { member: 'tools', kind: 'tool', key: 'name' }],
  ['prompts/list', { member: 'prompts', kind: 'prompt', key: 'name' }],
  ['resources/list', { member: 'resources', kind: 'resource', key: 'uri' }],
  ['resources/templates/list', { member: 'resourceTemplates', kind: 'resource', key: 'uriTemplate' }],
]);

/** The methods whose results have hints for caches (2026-07-28, `CacheableResult`). */
export const isCacheable = (method: string): boolean =>
  listings.has(method) || method === 'resources/read' || method === 'server/discover';
