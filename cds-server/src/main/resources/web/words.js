// The texts that pages share, in one place.
export const words = {
  states: {
    WAITING_FOR_IMAGES: 'waiting for images', ON_HOLD: 'on hold: a person must decide', ANALYZING: 'analyzing', DELIVERING: 'delivering',
    REPORTED_POSITIVE: 'HEMORRHAGE SUSPECTED', REPORTED_NEGATIVE: 'none suspected', NOT_ANALYZED: 'NOT ANALYZED', FAILED: 'FAILED', CANCELLED: 'cancelled',
  },
  priorities: ['STAT', 'URGENT', 'ROUTINE'],
  groups: { person: 'Needs a person', underway: 'Under way', ended: 'Ended' },
  reasons: { MISSED: 'a bleed was missed', FALSE_ALARM: 'false alarm', WRONG_PLACE: 'right, but outlined at the wrong place', TECHNICAL: 'technical: images or artifact' },
};
