// wrought api: starts a process that answers requests and lets conductors do the work.
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { defineRole } from './serve.ts';

export function define(noun: Command, context: Context): void {
  defineRole(noun, context, 'api');
}
