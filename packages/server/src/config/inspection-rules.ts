// Options of inspection rules.
import { choice, path } from './option.ts';

export const inspectionRules = {
  built_in_rules: path({
    default: null,
    reloadable: true,
    description: 'YAML file with a list of inspection rules that run besides those of the API.',
  }),
  mask_secrets: choice({
    default: 'always',
    allowed: ['always', 'never', 'sensitive'],
    reloadable: true,
    description:
      'When rules see "******" in place of secrets (passwords, tokens): always, never, or unless the rule is sensitive.',
  }),
} as const;
