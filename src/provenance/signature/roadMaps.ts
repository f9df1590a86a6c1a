// Until when signatures have to be post-quantum, by public road maps.

/** A road map, and its last day for classical signatures. */
export interface RoadMap {
  readonly id: 'us-eo-14412' | 'eu-2030' | 'eu-2035';
  /** For whom it is meant. */
  readonly scope: string;
  /** The last day, in UTC: `2031-12-31`. */
  readonly signatures: string;
  /** The last day for key establishment, where it has one of its own. */
  readonly keyEstablishment?: string;
  readonly source: string;
}

/** In the order of their days. */
export const roadMaps: readonly RoadMap[] = [
  {
    id: 'eu-2030',
    scope: 'EU, uses of high risk',
    signatures: '2030-12-31',
    source: 'EU coordinated implementation roadmap for the transition to post-quantum cryptography',
  },
  {
    id: 'us-eo-14412',
    scope: 'US federal high-value assets and high-impact systems',
    signatures: '2031-12-31',
    keyEstablishment: '2030-12-31',
    source: 'US Executive Order 14412',
  },
  {
    id: 'eu-2035',
    scope: 'EU, uses of medium risk',
    signatures: '2035-12-31',
    source: 'EU coordinated implementation roadmap for the transition to post-quantum cryptography',
  },
];

const day = 86_400_000;

/** Whole days until the end of the last day of a road map; negative when it is over. */
export const daysLeft = ({ signatures }: RoadMap, now: Date): number =>
  Math.floor((Date.parse(signatures) + day - 1 - now.getTime()) / day);
