const number =
  'We: a reader may take such a name for an IPv4 address, and no name of a host ends in a number (RFC 1123, section 2.1). OpenSSL does not look.';

/** The chains on which OpenSSL differs: the reason, and who is right. */
export const differences: Readonly<Record<string, string>> = {
  'two-paths':
    'We: one valid path suffices (RFC 5280, section 6). OpenSSL judges the first path that it builds, and tries no other.',
  'no-key-identifier':
    'Both may: section 4.2.1.1 tells issuers to state it, and strict OpenSSL wants it; the signature says whose it is.',
  'last-second':
    'We: the period includes its last second (RFC 5280, section 4.1.2.5). OpenSSL takes `notAfter` itself for late.',
  'intermediate-key-encipherment':
    'Profile: RFC 9881, section 5, forbids encryption uses for ML-DSA keys; OpenSSL does not compare use and key.',
  'intermediate-policy-mappings':
    'Both may: RFC 5280 lets a validator process policies, and OpenSSL does. The profile has none, so that critical means refused.',
  'leaf-as-intermediate':
    'Both may: OpenSSL leaves out certificates that it does not need. Configuration that cannot work is refused here.',
  'dns-number-4-1': number,
  'dns-number-3-42': number,
  'dns-number-2-0x2a': number,
  'dns-number-1-7': number,
  'uri-address':
    'We: RFC 5280, section 4.2.1.10, wants a URI without a host name rejected once URIs are constrained. OpenSSL compares the address as a name.',
  'constraint-of-unknown-form':
    'Both may: OpenSSL compares mail addresses. The profile does not, so that the constraint cannot be kept (section 4.2.1.10).',
  'constraint-minimum':
    'We: minimum must be 0 (section 4.2.1.10). OpenSSL refuses another value only when a name of the form is present.',
  'constraint-maximum':
    'We: maximum must be absent (section 4.2.1.10). OpenSSL refuses it only when a name of the form is there.',
  'constraint-empty': 'We: conforming authorities must not issue it (section 4.2.1.10).',
  'constraint-not-critical':
    'We: conforming authorities must mark it critical (section 4.2.1.10). OpenSSL keeps it all the same.',
  'null-parameters': 'We: RFC 9881, section 2, wants parameters absent. OpenSSL compares inside and outside only.',
  'other-key-algorithm':
    'Both: OpenSSL validates for any use; version 1 of the protocol has ML-KEM-1024 alone (draft, section 4.4).',
  'extension-twice': 'We: section 4.2 forbids it. OpenSSL looks at the ones that it knows only.',
  'name-constraints': 'We: only the certificate of an authority may have them (section 4.2.1.10).',
  'policy-constraints':
    'We: they must be critical (section 4.2.1.11), and nothing here would keep them. OpenSSL was not asked to judge policies.',
  authority: 'Both: OpenSSL was asked for no purpose; an authority is no peer, and ML-KEM signs nothing.',
  'key-agreement': 'Both: OpenSSL was asked for no purpose. RFC 9935, section 5, leaves keyEncipherment alone.',
  'two-key-usages': 'Both: OpenSSL was asked for no purpose. RFC 9935, section 5, leaves keyEncipherment alone.',
  'no-key-usage': 'Both: OpenSSL was asked for no purpose. The profile wants the usage stated.',
  'extended-key-usage':
    'Both: OpenSSL was asked for no purpose. The key is for something else, which the certificate says.',
  'key-usage-trailing-bit':
    'We: DER drops zero bits of a named list at its end (X.690, section 11.2.2). OpenSSL reads BER there.',
  'default-stated': 'We: DER omits defaults (X.690, section 11.5). OpenSSL reads BER there.',
  'true-not-ff': 'We: TRUE is 0xff in DER (X.690, section 11.1). OpenSSL reads BER there.',
  'trailing-in-extension': 'We: the value is one element. OpenSSL leaves octets behind it unread.',
  'trailing-octet':
    'We: a certificate message holds one certificate. OpenSSL leaves it to its caller to see that octets are left over.',
  'two-certificates':
    'We: a certificate message holds one certificate. OpenSSL leaves it to its caller to see that octets are left over.',
  'long-length': 'We: DER has one length (X.690, section 10.1). OpenSSL reads BER there.',
  'serial-zero': 'We: serial numbers are positive (section 4.1.2.2).',
  'serial-negative': 'We: serial numbers are positive (section 4.1.2.2).',
  'serial-long': 'We: at most 20 octets (section 4.1.2.2).',
  'unique-identifier': 'We: conforming authorities must not generate it (section 4.1.2.8).',
  'names-out-of-order': 'We: DER orders a SET OF (X.690, section 11.6). OpenSSL reads BER there.',
  'name-of-old-type':
    'Both may: section 4.1.2.4 keeps BMPString for subjects that had it before 2004; the profile has no such subjects.',
  'generalized-time-early': 'We: UTCTime through 2049 (section 4.1.2.5). OpenSSL takes both.',
  'alternative-name-of-other-form':
    'Both: OpenSSL reads every form. The profile has three, and refuses forms that it would not compare.',
  'alternative-name-nul': 'We: no URI has a NUL (RFC 3986), and names that are cut at it are an old attack.',
  'entry-of-other-issuer':
    'We: an entry of another issuer makes the list indirect, which a distribution point must say (section 5.3.3).',
  'entry-remove-from-list': 'We: only delta lists have this reason (section 5.3.1).',
  'entries-empty': 'We: an empty list of entries must be absent (section 5.1.2.6).',
  'list-no-next-update': 'We: next update is mandatory (section 5.1.2.5). To OpenSSL such a list is fresh for ever.',
  'list-no-number': 'We: the number is mandatory (section 5.2.3), and without it no list is the newest.',
  'list-no-key-identifier': 'We: the key identifier is mandatory (section 5.2.1).',
  'list-version-1': 'We: version 2 is mandatory (section 5.1.2.1).',
  'list-trailing-octet':
    'We: the block holds one list. OpenSSL leaves it to its caller to see that octets are left over.',
  'list-number-twice':
    'We: numbers increase (section 5.2.3), so that it cannot be told which list holds. OpenSSL takes one of them.',
};
