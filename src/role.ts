/** The two parts that a peer can play. */
export type Role = 'initiator' | 'responder';

/** The part of the peer. */
export const otherRole = (role: Role): Role => (role === 'initiator' ? 'responder' : 'initiator');
