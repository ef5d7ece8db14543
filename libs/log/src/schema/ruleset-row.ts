import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A version of the ruleset that was used. */
@Entity({ name: 'rulesets' })
export class RulesetRow {
  @PrimaryColumn('text') version!: string;
  /** Canonical JSON of the file. */
  @Column('text') content!: string;
  /** sha256 of the content, hexadecimal. */
  @Column('text') digest!: string;
  @Column({ type: 'timestamptz', name: 'first_used_at', insert: false }) firstUsedAt!: Date;
}
