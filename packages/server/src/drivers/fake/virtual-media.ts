// The virtual drives of a fake machine: kept in the store, and nowhere else.
import type { JsonObject } from '@wrought/contract';
import type { Task, VirtualMedia } from '../kit/index.ts';
import { pretend } from './pretend.ts';

/** Member of driver_internal_info that keeps the images by type. */
const MEDIA_KEY = 'fake_virtual_media';

function attached({ node }: Task): JsonObject {
  const media = node.driver_internal_info[MEDIA_KEY];
  return typeof media === 'object' && media !== null ? (media as JsonObject) : {};
}

function keep(task: Task, media: JsonObject): void {
  task.learn({ driver_internal_info: { [MEDIA_KEY]: Object.keys(media).length === 0 ? null : media } });
}

export const virtualMedia: VirtualMedia = {
  list: async (task) =>
    Object.entries(attached(task)).map(([type, image]) => ({ media_types: [type], inserted: true, image })),
  async attach(task, medium) {
    await pretend(task, 'management');
    keep(task, { ...attached(task), [medium.device_type]: medium.image_url });
  },
  async detach(task, types) {
    await pretend(task, 'management');
    keep(
      task,
      Object.fromEntries(Object.entries(attached(task)).filter(([type]) => !(types as string[]).includes(type))),
    );
  },
};
