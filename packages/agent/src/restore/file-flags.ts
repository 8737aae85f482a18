/** What is to be known of a file besides its metadata, as bits. */

/** Something is at its place, to be replaced by rename. */
export const REPLACES = 1;
/** Runs of zeros become holes. */
export const SPARSE = 2;
/** The bytes of its name are not UTF-8. */
export const ESCAPED_NAME = 4;
/** An existing file of which only what differs is written, in place. */
export const IN_PLACE = 16;
/** A target of a task: a part of a file that is open, not a whole file. */
export const PART = 32;

/** Owner or group that is left as it comes. */
export const OWNER_AS_IS = 0xffff_ffff;
