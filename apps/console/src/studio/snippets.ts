import type { GenerationRequestInput } from '@slipstream/client';

export type Language = 'curl' | 'TypeScript' | 'Python';

/** The same request in other words, to paste. `baseUrl` has no slash at its end; the key is a name, never the key itself. */
export function snippetOf(language: Language, { request, baseUrl, withKey }: { request: GenerationRequestInput; baseUrl: string; withKey: boolean }): string {
  const { prompt, ...rest } = request;
  switch (language) {
    case 'curl': {
      const key = withKey ? ` \\\n  -H "authorization: Bearer $SLIPSTREAM_KEY"` : '';
      return `curl -s ${baseUrl}/v1/images/generations -H 'content-type: application/json'${key} \\\n  -d '${JSON.stringify(request).replaceAll("'", "'\\''")}'\n`;
    }
    case 'TypeScript':
      return `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${baseUrl}/v1', apiKey: ${withKey ? 'process.env.SLIPSTREAM_KEY' : "'none'"} });
const { data } = await client.images.generate(${JSON.stringify(request, null, 2)} as OpenAI.ImageGenerateParamsNonStreaming);
console.log(data?.[0]?.url);
`;
    case 'Python':
      return `import json, os
from openai import OpenAI

client = OpenAI(base_url="${baseUrl}/v1", api_key=${withKey ? 'os.environ["SLIPSTREAM_KEY"]' : '"none"'})
extra = json.loads(${JSON.stringify(JSON.stringify(rest))})
images = client.images.generate(prompt=${JSON.stringify(prompt)}, extra_body=extra)
print(images.data[0].url)
`;
  }
}
