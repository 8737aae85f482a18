/** Where the requests of the functions to other services than S3 go, once the stacks are deployed. */
import type { Deployed } from '../resolve-template.ts';

export interface ServiceArns {
  readonly queue: string;
  readonly topic: string;
  /** Of the key that encrypts what is sent to the topic. */
  readonly topicKey: string;
}

/** As the template tells the functions and the topic, not as the statements under test tell the roles. */
export function serviceArnsOf({ Resources }: Deployed): ServiceArns {
  const only = (type: string, isMeant: (properties: Properties) => boolean = () => true): Properties => {
    const [found] = Object.values(Resources).filter(
      ({ Type, Properties = {} }) => Type === type && isMeant(Properties),
    );
    if (found?.Properties === undefined) throw new Error(`there is no ${type}`);
    return found.Properties;
  };
  const mapping = only('AWS::Lambda::EventSourceMapping');
  const worker = only('AWS::Lambda::Function', ({ Handler }) => Handler === 'worker.handler');
  const { TOPIC_ARN: topic } = (worker['Environment'] as { Variables: { TOPIC_ARN: string } }).Variables;
  const { KmsMasterKeyId: topicKey } = only('AWS::SNS::Topic');
  return { queue: mapping['EventSourceArn'] as string, topic, topicKey: topicKey as string };
}

type Properties = Readonly<Record<string, unknown>>;
