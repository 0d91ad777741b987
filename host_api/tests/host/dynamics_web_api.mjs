// A deployment through a client that nobody here wrote: dynamics-web-api. Prints what it found as JSON, or fails.
import { setTimeout as pause } from 'node:timers/promises';
import { DynamicsWebApi } from 'dynamics-web-api';

const [serverUrl, token, source, connection] = process.argv.slice(2);
const api = new DynamicsWebApi({
  serverUrl,
  dataApi: { version: '9.2' },
  onTokenRefresh: async () => token,
});
const found = {};
found.who = (await api.callFunction('WhoAmI')).UserId;
const stages = await api.retrieveMultiple({
  collection: 'deploymentstages',
  select: ['name'],
  filter: "name eq 'Test'",
  expand: [{ property: 'targetdeploymentenvironmentid', select: ['name'] }],
});
const stage = stages.value[0];
found.target = stage.targetdeploymentenvironmentid.name;
const environments = await api.retrieveMultiple({
  collection: 'deploymentenvironments',
  select: ['deploymentenvironmentid'],
  filter: `environmentid eq '${source}'`,
  count: true,
});
found.count = environments.oDataCount;
const run = await api.create({
  collection: 'deploymentstageruns',
  data: {
    'deploymentstageid@odata.bind': `/deploymentstages(${stage.deploymentstageid})`,
    'devdeploymentenvironment@odata.bind': `/deploymentenvironments(${environments.value[0].deploymentenvironmentid})`,
    artifactname: 'Expenses',
  },
});
const StageRunId = typeof run === 'string' ? run : run.deploymentstagerunid;
const until = async (status) => {
  for (;;) {
    const { stagerunstatus, errormessage } = await api.retrieve({
      collection: 'deploymentstageruns',
      key: StageRunId,
      select: ['stagerunstatus', 'errormessage'],
    });
    if (stagerunstatus === status) return;
    if ([200000002, 200000003, 200000004].includes(stagerunstatus)) throw new Error(errormessage);
    await pause(10);
  }
};
await api.callAction({ actionName: 'ValidatePackageAsync', action: { StageRunId } });
await until(200000007);
const deploymentsettingsjson = JSON.stringify({
  EnvironmentVariables: [{ SchemaName: 'contoso_ApprovalLimit', Value: '7' }],
  ConnectionReferences: [{ LogicalName: 'contoso_Mail', ConnectionId: connection }],
});
await api.update({ collection: 'deploymentstageruns', key: StageRunId, data: { deploymentsettingsjson } });
await api.update({
  collection: 'deploymentstageruns',
  key: StageRunId,
  data: { artifactversion: '1.0.0.5', artifactdevcurrentversion: '1.0.0.0', deploymentnotes: 'By a script' },
});
await api.callAction({ actionName: 'DeployPackageAsync', action: { StageRunId } });
await until(200000002);
api.startBatch();
api.retrieve({ collection: 'deploymentstageruns', key: StageRunId, select: ['artifactversion', 'deploymentnotes'] });
api.retrieveMultiple({ collection: 'deploymentartifacts', select: ['artifactversion'] });
const [deployed, artifacts] = await api.executeBatch();
found.run = [deployed.artifactversion, deployed.deploymentnotes];
found.artifacts = artifacts.value.map((artifact) => artifact.artifactversion);
try {
  await api.create({ collection: 'deploymentpipelines', data: { name: 'Mine' } });
} catch (error) {
  found.error = [error.status, error.code];
}
process.stdout.write(JSON.stringify(found));
