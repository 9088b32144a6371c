// The first schema: nodes and what belongs to them, conductors, runs with journal and intents, timeline, history, outbox.
import { interfaceKindNames } from '@wrought/contract';
import { type Kysely, sql } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

const times = { created_at: 'text', updated_at: 'text?' } as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'nodes',
    {
      version: 'integer',
      uuid: 'text',
      name: 'text?',
      instance_uuid: 'text?',
      instance_name: 'text?',
      maintenance: 'integer',
      maintenance_reason: 'text?',
      power_state: 'text?',
      target_power_state: 'text?',
      provision_state: 'text',
      target_provision_state: 'text?',
      provision_updated_at: 'text?',
      last_error: 'text?',
      fault: 'text?',
      reservation: 'text?',
      reserved_at: 'text?',
      reserved_for: 'text?',
      clean_step: 'text',
      deploy_step: 'text',
      service_step: 'text',
      driver_internal_info: 'text',
      inspection_started_at: 'text?',
      inspection_finished_at: 'text?',
      raid_config: 'text',
      target_raid_config: 'text',
      health: 'text?',
      conductor_affinity: 'text?',
      allocation_uuid: 'text?',
      automated_clean: 'integer?',
      boot_mode: 'text?',
      secure_boot: 'integer?',
      chassis_uuid: 'text?',
      conductor_group: 'text',
      console_enabled: 'integer',
      description: 'text?',
      disable_power_off: 'integer',
      driver: 'text',
      driver_info: 'text',
      extra: 'text',
      instance_info: 'text',
      lessee: 'text?',
      network_data: 'text',
      owner: 'text?',
      parent_node: 'text?',
      properties: 'text',
      protected: 'integer',
      protected_reason: 'text?',
      resource_class: 'text?',
      retired: 'integer?',
      retired_reason: 'text?',
      shard: 'text?',
      traits: 'text',
      ...Object.fromEntries(interfaceKindNames.map((kind) => [`${kind}_interface`, 'text' as const])),
      ...times,
    },
    [['uuid'], ['name'], ['instance_uuid']],
  );
  await createIndex(db, 'nodes', ['provision_state']);
  await createIndex(db, 'nodes', ['chassis_uuid']);
  await createIndex(db, 'nodes', ['parent_node']);

  await createTable(
    db,
    'ports',
    {
      uuid: 'text',
      node_id: 'integer',
      address: 'text',
      name: 'text?',
      description: 'text?',
      vendor: 'text?',
      category: 'text?',
      extra: 'text',
      internal_info: 'text',
      local_link_connection: 'text',
      physical_network: 'text?',
      portgroup_uuid: 'text?',
      pxe_enabled: 'integer',
      is_smartnic: 'integer?',
      available_for_dynamic_portgroup: 'integer',
      ...times,
    },
    [['uuid'], ['address'], ['name']],
  );
  await createIndex(db, 'ports', ['node_id']);
  await createTable(db, 'chassis', { uuid: 'text', description: 'text?', extra: 'text', ...times }, [['uuid']]);
  await createTable(db, 'deploy_templates', { uuid: 'text', name: 'text', steps: 'text', extra: 'text', ...times }, [
    ['uuid'],
    ['name'],
  ]);
  await createTable(
    db,
    'conductors',
    {
      hostname: 'text',
      conductor_group: 'text',
      drivers: 'text',
      online: 'integer',
      epoch: 'integer',
      lease_expires_ms: 'bigint',
      ...times,
    },
    [['hostname']],
  );

  await createTable(
    db,
    'runs',
    {
      uuid: 'text',
      node_id: 'integer',
      flow: 'text',
      lane: 'text',
      status: 'text',
      conductor: 'text',
      epoch: 'integer',
      arguments: 'text',
      plan: 'text',
      phase: 'text',
      position: 'integer',
      attempt: 'integer',
      failure: 'text?',
      memory: 'text',
      awaiting: 'text?',
      deadline: 'text?',
      abort_requested: 'integer',
      request_id: 'text?',
      requested_by: 'text?',
      created_at: 'text',
      updated_at: 'text',
      finished_at: 'text?',
    },
    [['uuid']],
  );
  // At most one unfinished run per node and lane, whatever the code above thinks.
  await db.schema
    .createIndex('runs_unfinished_unique')
    .unique()
    .on('runs')
    .columns(['node_id', 'lane'])
    .where(sql.ref('finished_at'), 'is', null)
    .execute();
  await createTable(db, 'journal', {
    run_id: 'integer',
    at: 'text',
    entry: 'text',
    phase: 'text',
    position: 'integer',
    step: 'text?',
    detail: 'text',
  });
  await createIndex(db, 'journal', ['run_id']);
  await createTable(db, 'intents', {
    run_id: 'integer',
    phase: 'text',
    position: 'integer',
    attempt: 'integer',
    step: 'text',
    epoch: 'integer',
    created_at: 'text',
    settled_at: 'text?',
  });
  await createIndex(db, 'intents', ['run_id']);
  await createTable(db, 'signals', { node_id: 'integer', kind: 'text', payload: 'text', created_at: 'text' });
  await createIndex(db, 'signals', ['node_id']);
  await createTable(db, 'timeline', {
    node_id: 'integer',
    at: 'text',
    kind: 'text',
    severity: 'text',
    message: 'text',
    data: 'text',
  });
  await createIndex(db, 'timeline', ['node_id', 'id']);
  await createTable(
    db,
    'node_history',
    {
      uuid: 'text',
      node_id: 'integer',
      created_at: 'text',
      severity: 'text',
      event_type: 'text',
      event: 'text',
      conductor: 'text?',
      user: 'text?',
      project: 'text?',
      state: 'text?',
      target_provision_state: 'text?',
      duration_seconds: 'integer?',
    },
    [['uuid']],
  );
  await createIndex(db, 'node_history', ['node_id', 'id']);
  await createTable(db, 'outbox', {
    node_uuid: 'text?',
    event: 'text',
    payload: 'text',
    created_at: 'text',
    delivered_at: 'text?',
  });
}
