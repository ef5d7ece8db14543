// Locks the data folder given, says so, and holds it until it is killed or its input ends.
import { lockDataFolder } from '#libs/platform';

const lock = await lockDataFolder(process.argv[2]!);
console.log(JSON.stringify({ folder: lock.folder }));
process.stdin.resume();
