// Sends orders eight at a time on one link and prints each acknowledgement's code and MSA-2, in the order of the messages.
import { Hl7Message } from '@medplum/core';
import { Hl7Client } from '@medplum/hl7';

const [, , port, count, mode] = process.argv;
const enhanced = mode === 'enhanced';
const client = new Hl7Client({ host: '127.0.0.1', port: Number(port), keepAlive: true });

const order = (id) => [
  `MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261123120000||ORM^O01|${id}|P|2.5.1${enhanced ? '|||AL|AL' : ''}`,
  'PID|1||M0001^^^HOSP^MR||Probe^Pat||19570303|F',
  `ORC|NW|P${id}|A${id}`,
  `OBR|1|P${id}|A${id}|CTHEADWO^CT HEAD WO CONTRAST^L`].join('\r');

const send = async (id) => {
  const options = enhanced ? { timeoutMs: 20000, returnAck: 'application' } : { timeoutMs: 20000 };
  const msa = (await client.sendAndWait(Hl7Message.parse(order(id)), options)).getSegment('MSA');
  return `${msa.getField(1)} ${msa.getField(2)}`;
};

try {
  for (let i = 0; i < Number(count); i += 8) {
    const ids = Array.from({ length: Math.min(8, Number(count) - i) }, (_, k) => `M${i + k}`);
    (await Promise.all(ids.map(send))).forEach((line) => console.log(line));
  }
  await client.close();
  process.exit(0);
} catch (e) {
  console.error(e);
  process.exit(1);
}
