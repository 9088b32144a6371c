// The steps of servicing that two flows share: servicing itself, and the end of a servicing that failed before.
import { done, step, unsupported } from '../drivers/kit/index.ts';

export const tearDownService = step({
  interface: 'flow',
  step: 'tear_down_service',
  kinds: ['service'],
  recovery: 'repeat',
  async execute(task) {
    const { deploy } = task.interfaces;
    if (deploy.service === undefined) {
      throw unsupported(task.node, deploy, 'servicing in a ramdisk');
    }
    return done(await deploy.service.tearDown(task));
  },
});
