// The departures from the recording that are allowed, as data: which, and why.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './replay.ts';

/** Why a departure is right; a file each. */
export const kinds = {
  newer: 'Ironic itself answers so since the recorded release',
  quirk: 'an accident of the recorded implementation, answered sanely here',
  deliberate: 'this server does better',
  pending: 'not built yet',
} as const;

export type Kind = keyof typeof kinds;

/** One line of a file. */
interface Written {
  /** Exchanges, with commas between: "ports:12", "ports:12-20", "verb-matrix:4.8", "ports:*"; "*" is every one. "node-list:4@1.1" is one of a certain version, "node-list:4" any. */
  readonly at: string;
  /** Only requests whose "METHOD path" this pattern matches. */
  readonly request?: string;
  /** Only departures whose sentence this pattern matches; left out: all of the exchange. */
  readonly says?: string;
  readonly reason: string;
}

export interface Allowance extends Written {
  readonly kind: Kind;
  /** FILE:LINE of the entry. */
  readonly where: string;
}

/** All entries of the files in a folder. */
export function readAllowances(directory: string): Allowance[] {
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const kind = file.replace('.jsonl', '');
      if (!(kind in kinds)) {
        throw new Error(`departures/${file} is none of ${Object.keys(kinds).join(', ')}`);
      }
      const lines = readFileSync(join(directory, file), 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        line === ''
          ? []
          : [{ ...(JSON.parse(line) as Written), kind: kind as Kind, where: `departures/${file}:${index + 1}` }],
      );
    });
}

/** What of an outcome is not allowed, and how the rest was. */
export interface Judgement {
  readonly refused: readonly string[];
  readonly allowed: ReadonlyMap<string, Allowance>;
}

export interface Judge {
  judge(outcome: Outcome): Judgement;
  /** Entries, or places of entries, that allowed nothing so far. */
  unused(): string[];
}

/** The sentences that the judge refuses, a line each with the exchange they are about. */
export function refusals(judge: Judge, outcomes: readonly Outcome[]): string {
  return outcomes
    .flatMap((outcome) =>
      judge
        .judge(outcome)
        .refused.map((sentence) => `${outcome.at} ${outcome.method} ${outcome.path} (${outcome.version}): ${sentence}`),
    )
    .join('\n');
}

/** One place that an entry names. */
interface Place {
  readonly text: string;
  matches(at: string): boolean;
}

interface Rule {
  readonly allowance: Allowance;
  readonly places: readonly Place[];
  readonly request: RegExp;
  readonly says: RegExp;
}

/** Makes a judge who remembers which entries were needed. */
export function createJudge(allowances: readonly Allowance[]): Judge {
  const rules = allowances.map(
    (allowance): Rule => ({
      allowance,
      places: allowance.at.split(',').flatMap((place) => readPlace(place.trim())),
      request: new RegExp(allowance.request ?? ''),
      says: new RegExp(allowance.says ?? ''),
    }),
  );
  const used = new Set<Place>();
  return {
    judge(outcome) {
      const allowed = new Map<string, Allowance>();
      const near = rules.filter(({ request }) => request.test(`${outcome.method} ${outcome.path}`));
      const settled = near.filter(({ allowance }) => allowance.kind !== 'pending');
      const pending = near.filter(({ allowance }) => allowance.kind === 'pending');
      for (const sentence of outcome.departures) {
        // What departs for another reason, too, does not keep a pending entry alive.
        for (const candidates of [settled, pending]) {
          const found = candidates.flatMap((rule) =>
            placesAt(rule, outcome.at, sentence).map((place) => ({ rule, place })),
          );
          for (const { rule, place } of found) {
            used.add(place);
            allowed.set(sentence, rule.allowance);
          }
          if (found.length > 0) break;
        }
      }
      return { refused: outcome.departures.filter((sentence) => !allowed.has(sentence)), allowed };
    },
    unused: () =>
      rules.flatMap(({ allowance, places }) =>
        places
          .filter((place) => !used.has(place))
          .map((place) => `${allowance.where} ${place.text}: ${allowance.reason}`),
      ),
  };
}

/** The places of a rule that allow the sentence there. */
function placesAt(rule: Rule, at: string, sentence: string): Place[] {
  return rule.says.test(sentence) ? rule.places.filter((place) => place.matches(at)) : [];
}

/** "ports:12-20" becomes nine places, so that each of them has to depart. */
function readPlace(text: string): Place[] {
  const range = /^([\w-]+):(\d+)-(\d+)$/.exec(text);
  if (range !== null) {
    const [, group, first, last] = range;
    const numbers = Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
    return numbers.map((number) => exactly(`${group}:${number}`));
  }
  if (text === '*') {
    return [{ text, matches: () => true }];
  }
  if (text.endsWith(':*')) {
    return [{ text, matches: (at) => at.startsWith(text.slice(0, -1)) }];
  }
  return [exactly(text)];
}

function exactly(text: string): Place {
  return { text, matches: (at) => at === text || at.startsWith(`${text}@`) };
}
