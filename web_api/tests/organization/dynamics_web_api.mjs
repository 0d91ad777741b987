// Scenarios of a client that nobody here wrote: dynamics-web-api. Prints what it found as JSON, or fails.
import { readFile } from 'node:fs/promises';
import { DynamicsWebApi } from 'dynamics-web-api';

const [url, token, file] = process.argv.slice(2);
const api = new DynamicsWebApi({
  serverUrl: url,
  dataApi: { version: '9.2' },
  onTokenRefresh: async () => token,
});
const found = {};
found.who = (await api.callFunction('WhoAmI')).UserId;

const CustomizationFile = (await readFile(file)).toString('base64');
const staged = await api.callAction({ actionName: 'StageSolution', action: { CustomizationFile } });
found.staged = staged.StageSolutionResults.StageSolutionStatus;
const started = await api.callAction({
  actionName: 'ImportSolutionAsync',
  action: {
    OverwriteUnmanagedCustomizations: false,
    PublishWorkflows: true,
    SolutionParameters: { StageSolutionUploadId: staged.StageSolutionResults.StageSolutionUploadId },
  },
});
for (;;) {
  const operation = await api.retrieve({
    collection: 'asyncoperations',
    key: started.AsyncOperationId,
    select: ['statecode', 'statuscode'],
  });
  if (operation.statecode === 3) {
    found.statuscode = operation.statuscode;
    break;
  }
}
const solutions = await api.retrieveMultiple({
  collection: 'solutions',
  select: ['uniquename', 'version'],
  expand: [{ property: 'publisherid', select: ['uniquename'] }],
  filter: 'ismanaged eq true',
  count: true,
});
found.count = solutions.oDataCount;
found.solutions = solutions.value.map((row) => [row.uniquename, row.version, row.publisherid.uniquename]);

const publisher = await api.create({
  collection: 'publishers',
  data: { uniquename: 'fabrikam', friendlyname: 'Fabrikam', customizationprefix: 'fab', customizationoptionvalueprefix: 20000 },
  returnRepresentation: true,
});
const solution = await api.create({
  collection: 'solutions',
  data: { uniquename: 'Made', version: '1.0.0.0', 'publisherid@odata.bind': `publishers(${publisher.publisherid})` },
});
found.isId = /^[0-9a-f-]{36}$/.test(solution);

api.startBatch();
api.update({ collection: 'solutions', key: solution, data: { version: '1.0.0.2' } });
api.retrieveMultiple({ collection: 'solutions', select: ['uniquename', 'version'], orderBy: ['uniquename'] });
const answers = await api.executeBatch();
found.batch = answers[answers.length - 1].value.map((row) => [row.uniquename, row.version]);

try {
  await api.retrieve({ collection: 'solutions', key: '00000000-0000-0000-0000-000000000001' });
} catch (error) {
  found.error = [error.status, error.code];
}
process.stdout.write(JSON.stringify(found));
