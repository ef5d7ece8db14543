// Opens the embedded database in the folder given, says where it is, and holds it until it is killed or its input ends.
import { startEmbeddedPostgres } from '#libs/platform';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2]! });
console.log(JSON.stringify({ url: server.url, pid: server.pid, adopted: server.adopted }));
process.stdin.resume();
