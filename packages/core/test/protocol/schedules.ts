/**
 * Schedules of many exact steps, which chance hardly finds: those that broke earlier drafts of the protocol, and those of
 * the rules that came later. Each is safe; each of the broken protocols fails at one of them.
 */
import type { Player, Script } from './model/script.ts';

export interface Schedule {
  readonly name: string;
  /** Throws if it does not come to where it is dangerous, as far as the protocol lets it. */
  play(script: Script): Promise<void>;
}

/**
 * Old content of /b lies in a pack that only an expired snapshot names, and is on the disk again: whoever begins now may
 * rest on it. No night has looked yet.
 */
async function oldContentReturns(script: Script): Promise<void> {
  script.write('/b/z', 0);
  await script.backup(['/b']);
  await script.days(1);
  script.write('/b/z', 3);
  await script.backup(['/b']);
  await script.days(16);
  script.write('/b/z', 0);
}

/** A run that rests on old content and has found it usable; it waits before it writes its catalog. */
async function slowRun(script: Script): Promise<Player> {
  const run = await script.run(['/b']);
  await run.until('put pack');
  return run;
}

/** A run was cut off before it committed; nobody has come back since. */
async function cutOff(script: Script, roots: readonly string[]): Promise<void> {
  const run = await script.run(roots, { chunksPerPack: 8 });
  await run.until('put index');
}

/** Of a pack of /a only the half is used that holds /a/x; a night retires it. The newest snapshot names it. */
async function retiredPack(script: Script): Promise<void> {
  await script.backup(['/a'], { chunksPerPack: 8 });
  await script.days(1);
  script.write('/a/y', 3);
  await script.backup(['/a']);
  await script.days(16);
  await script.wholeNight();
  if (script.times('pack marked retiring') === 0) throw new Error('no pack is retired');
  await script.hours(25);
}

const EARLIER_DRAFTS: readonly Schedule[] = [
  {
    name: 'S-A, V4: of two nights that overlap, the later one writes what it saw before the other',
    play: async (script) => {
      await cutOff(script, ['/b']);
      await script.days(1);
      await cutOff(script, ['/a']);
      await script.hours(13.5 * 24);
      await script.wholeNight();
      await script.hours(26);
      const [second, third] = [await script.night(), await script.night()];
      await third.until('put marks');
      const other = await script.run(['/a']);
      await other.until('put index');
      await second.end();
      await script.minutes(62);
      const run = await script.run(['/b']);
      await run.until('put snapshot');
      await other.end();
      await third.end();
      await run.end();
    },
  },
  {
    name: 'S-B, V5: a night freezes between its decision to remove and the delete',
    play: async (script) => {
      await cutOff(script, ['/b']);
      await script.hours(14.5 * 24);
      await script.wholeNight();
      await script.hours(26);
      const frozen = await script.night();
      await frozen.until('remove pack');
      const other = await script.run(['/a']);
      await other.until('put index');
      await script.wholeNight();
      await script.minutes(62);
      const run = await script.run(['/b']);
      await run.end();
      await frozen.end();
    },
  },
  {
    name: 'S-C, V3: a snapshot is held in the network for three days',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await script.run(['/b']);
      await run.until('put snapshot');
      await run.fails('late', { landsAfterMinutes: 3 * 24 * 60 });
      await script.wholeNight();
      await script.hours(25);
      await script.wholeNight();
      await script.days(3);
    },
  },
  {
    name: 'S-D, V6: a night that looked before a pack was dead writes its state a day later',
    play: async (script) => {
      await cutOff(script, ['/a']);
      await script.days(1);
      script.write('/b/z', 0);
      await script.backup(['/b']);
      script.write('/b/z', 3);
      await script.days(1);
      await script.backup(['/b']);
      await script.hours(12.5 * 24);
      const frozen = await script.night();
      await frozen.until('put marks');
      await script.days(1);
      await script.wholeNight();
      await script.hours(25);
      const removing = await script.night();
      await removing.until('remove pack');
      await frozen.until('list marks');
      script.write('/b/z', 0);
      await script.backup(['/b']);
      await removing.end();
      await frozen.end();
    },
  },
  {
    name: 'V1: a pack was marked, removed and forgotten by the marks while a run went on',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await slowRun(script);
      await script.wholeNight();
      await script.hours(25);
      await script.wholeNight();
      await script.hours(24);
      await script.wholeNight();
      await run.end();
    },
  },
  {
    name: 'V2: a laptop sleeps between its look at the store and the snapshot',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await script.run(['/b']);
      await run.until('put snapshot');
      await script.wholeNight();
      await script.hours(25);
      await script.wholeNight();
      await run.end();
      if (script.times('void snapshot landed') + script.times('snapshot landed') < 4)
        throw new Error('nothing landed late');
    },
  },
  {
    name: 'V7: an expired snapshot stays listed, and is wanted again',
    play: async (script) => {
      await oldContentReturns(script);
      const dying = await script.night();
      await dying.until('remove snapshot');
      await script.world.words.policy({ keepWithinDays: 30, keepLast: 3 });
      await script.hours(25);
      await script.wholeNight();
    },
  },
  {
    name: 'V8: a night freezes in the middle of looking what to remove',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await script.run(['/b']);
      await run.until('put snapshot');
      const frozen = await script.night();
      await frozen.until('put marks');
      await frozen.until('remove snapshot');
      await frozen.until('list snapshots');
      await frozen.step();
      await run.end();
      await script.hours(25);
      await frozen.end();
    },
  },
];

const LATER_RULES: readonly Schedule[] = [
  {
    name: 'a pack is marked while a run goes on that rests on it',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await slowRun(script);
      await script.wholeNight();
      await script.hours(25);
      const removing = await script.night();
      await removing.until('remove pack');
      await run.end();
      await removing.end();
    },
  },
  {
    name: 'a pack is marked between the look of a run and its snapshot',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await script.run(['/b']);
      await run.until('put snapshot');
      await script.wholeNight();
      await run.end();
    },
  },
  {
    name: 'content is stored anew while a night may still delete the pack that it lay in',
    play: async (script) => {
      await oldContentReturns(script);
      await script.wholeNight();
      await script.hours(25);
      const frozen = await script.night();
      await frozen.until('remove pack');
      await script.wholeNight();
      await script.hours(24);
      await script.wholeNight();
      await script.backup(['/b']);
      await frozen.end();
    },
  },
  {
    name: 'the anchor goes between the look for it and the look at the marks',
    play: async (script) => {
      await script.backup(['/a']);
      await script.days(16);
      script.lock('/a/x');
      script.write('/a/y', 3);
      const run = await script.run(['/a']);
      await run.until('put index');
      await run.step();
      await run.until('list marks');
      script.unlock('/a/x');
      script.write('/a/x', 3);
      await script.backup(['/a']);
      await script.hours(2);
      await script.wholeNight();
      await script.hours(25);
      const removing = await script.night();
      await removing.until('remove pack');
      await run.end();
      await removing.end();
    },
  },
  {
    name: 'the anchor is superseded just after a run has rested on it',
    play: async (script) => {
      await retiredPack(script);
      script.lock('/a/x');
      script.write('/a/y', 5);
      const run = await script.run(['/a']);
      await run.until('put snapshot');
      script.unlock('/a/x');
      await script.backup(['/a']);
      await script.wholeNight();
      await run.end();
      if (script.times('committed on an anchor') === 0) throw new Error('nothing rests on an anchor');
    },
  },
  {
    name: 'the anchor was superseded long ago by a backup of a folder above',
    play: async (script) => {
      await script.backup(['/a']);
      script.lock('/a/x');
      await script.days(1);
      await script.backup(['/']);
      await script.days(16);
      const dying = await script.night();
      await dying.until('remove snapshot');
      await script.hours(25);
      const run = await script.run(['/a']);
      await run.until('put snapshot');
      await script.wholeNight();
      await run.end();
    },
  },
  {
    name: 'a night is undone while an older one may still delete its packs',
    play: async (script) => {
      const { frozen, undone } = await removedWhileFrozen(script);
      await script.hours(24);
      await script.wholeNight();
      await (await script.undo(undone)).end();
      await script.backup(['/b']);
      await frozen.end();
    },
  },
  {
    name: 'a night is undone between the two looks of a run that commits',
    play: async (script) => {
      await oldContentReturns(script);
      const run = await slowRun(script);
      const { frozen, undone } = await removedWhileFrozen(script, { begun: true });
      await script.hours(24);
      await script.wholeNight();
      await run.until('list packs');
      await (await script.undo(undone)).end();
      await run.end();
      await frozen.end();
    },
  },
  {
    name: 'the night that is undone had expired what a later one removed',
    play: async (script) => {
      await oldContentReturns(script);
      const undone = await script.night();
      await undone.end();
      await script.hours(25);
      await script.wholeNight();
      await (await script.undo(undone.id)).end();
      if (script.times('snapshot brought back') === 0) throw new Error('nothing came back');
    },
  },
];

/** Two nights decide to remove the same packs; one does, the other freezes. */
async function removedWhileFrozen(script: Script, { begun = false } = {}) {
  if (!begun) await oldContentReturns(script);
  await script.wholeNight();
  await script.hours(25);
  const frozen = await script.night();
  await frozen.until('remove pack');
  const removing = await script.night();
  await removing.end();
  return { frozen, undone: removing.id };
}

export const SCHEDULES: readonly Schedule[] = [...EARLIER_DRAFTS, ...LATER_RULES];
