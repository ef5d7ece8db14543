/** The most bytes of one partition in one request; brokers refuse more than about 1 MB. A larger event is sent alone. */
const MAX_PARTITION_BYTES = 700_000;
/** What a message has besides its body and its key: headers, at most so many bytes. */
const MAX_HEADER_BYTES = 500;

/** What one request may still hold of each partition. */
export class RequestBudget {
  private readonly bytes = new Map<number, number>();

  /** Whether the next event of a shard fits. After one that does not, no other of that shard does, so that the order stays. */
  takes({ shard, body, stream }: { shard: number; body: string; stream: string }): boolean {
    const before = this.bytes.get(shard) ?? 0;
    const after = before + Buffer.byteLength(body) + stream.length + MAX_HEADER_BYTES;
    this.bytes.set(shard, after);
    return before === 0 || after <= MAX_PARTITION_BYTES;
  }
}
