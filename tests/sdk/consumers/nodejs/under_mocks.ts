// What does the program ask for? It runs under Pulumi's mocks and prints each resource with its inputs as JSON.

import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

type Properties = Record<string, unknown>;

const answers = JSON.parse(readFileSync(0, "utf8")) as Record<string, Properties>;
const asked: Record<string, Properties> = {};

const mocks: pulumi.runtime.Mocks = {
    newResource(args: pulumi.runtime.MockResourceArgs): { id: string; state: Properties } {
        const inputs = args.inputs as Properties;
        asked[`${args.type} ${args.name}`] = inputs;
        return { id: args.id || `models/${args.name}`, state: { ...inputs, ...answers[args.type] } };
    },
    call(args: pulumi.runtime.MockCallArgs): Properties {
        asked[args.token] = args.inputs as Properties;
        return answers[args.token] ?? {};
    },
};

async function main(): Promise<void> {
    await pulumi.runtime.setMocks(mocks, "consumer", "test", false);
    const { declare } = await import("./program.js");
    const told = pulumi.all(declare());
    await new Promise<void>((resolve) => {
        told.apply(() => resolve());
    });
    await pulumi.runtime.disconnect();
    console.log(JSON.stringify(asked, undefined, 1));
}

main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
