// Sends orders one after the other and prints each acknowledgement's code and MSA-2.
const { default: Client, Message } = require('node-hl7-client');
const [, , port, count] = process.argv;

const order = (id) => [
  `MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261123120000||OMI^O23^OMI_O23|${id}|P|2.5.1`,
  'PID|1||M0001^^^HOSP^MR||Probe^Pat||19570303|F',
  `ORC|NW|P${id}|A${id}`,
  `OBR|1|P${id}|A${id}|CTHEADWO^CT HEAD WO CONTRAST^L`,
  `IPC|A${id}||2.25.1${id.slice(1)}||CT`].join('\r');

(async () => {
  const client = new Client({ host: '127.0.0.1', version: '2.5.1' });
  let take;
  const next = () => new Promise((ok, no) => { take = ok; setTimeout(() => no(new Error('no acknowledgement')), 20000).unref(); });
  const link = client.createConnection({ port: Number(port) }, async (res) => {
    const m = res.getMessage();
    take(`${m.get('MSA.1')} ${m.get('MSA.2')}`);
  });
  for (let i = 0; i < Number(count); i++) {
    const got = next();
    await link.sendMessage(new Message({ text: order(`M${i}`) }));
    console.log(await got);
  }
  await link.close();
  process.exit(0);
})().catch((e) => { console.error(e); process.exit(1); });
