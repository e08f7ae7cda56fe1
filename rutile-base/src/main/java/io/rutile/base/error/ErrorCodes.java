package io.rutile.base.error;

/**
 * The catalogue of error codes. They are the ones that TiKV's operators, dashboards and alert rules
 * know; a code stays with one meaning for ever.
 */
public final class ErrorCodes {
  public static final String CODEC_IO = "KV:Codec:Io";
  public static final String CODEC_BAD_PADDING = "KV:Codec:BadPadding";
  public static final String CODEC_KEY_LENGTH = "KV:Codec:KeyLength";
  public static final String CODEC_KEY_NOT_FOUND = "KV:Codec:KeyNotFound";

  public static final String COPROCESSOR_LOCKED = "KV:Coprocessor:Locked";
  public static final String COPROCESSOR_DEADLINE_EXCEEDED = "KV:Coprocessor:DeadlineExceeded";
  public static final String COPROCESSOR_MAX_PENDING_TASKS_EXCEEDED =
      "KV:Coprocessor:MaxPendingTasksExceeded";
  public static final String COPROCESSOR_MEMORY_QUOTA_EXCEEDED =
      "KV:Coprocessor:MemoryQuotaExceeded";
  public static final String COPROCESSOR_INVALID_DATA_TYPE = "KV:Coprocessor:InvalidDataType";
  public static final String COPROCESSOR_ENCODING = "KV:Coprocessor:Encoding";
  public static final String COPROCESSOR_COLUMN_OFFSET = "KV:Coprocessor:ColumnOffset";
  public static final String COPROCESSOR_UNKNOWN_SIGNATURE = "KV:Coprocessor:UnknownSignature";
  public static final String COPROCESSOR_EVAL = "KV:Coprocessor:Eval";
  public static final String COPROCESSOR_STORAGE_ERROR = "KV:Coprocessor:StorageError";

  public static final String ENGINE_ENGINE = "KV:Engine:Engine";
  public static final String ENGINE_NOT_IN_RANGE = "KV:Engine:NotInRange";
  public static final String ENGINE_PROTOBUF = "KV:Engine:Protobuf";
  public static final String ENGINE_IO = "KV:Engine:Io";
  public static final String ENGINE_CF_NAME = "KV:Engine:CfName";
  public static final String ENGINE_CODEC = "KV:Engine:Codec";
  public static final String ENGINE_DATA_LOSS = "KV:Engine:DataLoss";
  public static final String ENGINE_DATA_COMPACTED = "KV:Engine:DataCompacted";

  public static final String PD_IO = "KV:Pd:Io";

  /** The spelling is the one in use. */
  public static final String PD_CLUSTER_BOOTSTRAPPED = "KV:Pd:ClusterBootstraped";

  /** The spelling is the one in use. */
  public static final String PD_CLUSTER_NOT_BOOTSTRAPPED = "KV:Pd:ClusterNotBootstraped";

  /** The spelling is the one in use. */
  public static final String PD_INCOMPATIBLE = "KV:Pd:Imcompatible";

  public static final String PD_GRPC = "KV:Pd:Grpc";
  public static final String PD_REGION_NOT_FOUND = "KV:Pd:RegionNotFound";
  public static final String PD_STORE_TOMBSTONE = "KV:Pd:StoreTombstone";
  public static final String PD_GLOBAL_CONFIG_NOT_FOUND = "KV:Pd:GlobalConfigNotFound";
  public static final String PD_DATA_COMPACTED = "KV:Pd:DataCompacted";
  public static final String PD_UNKNOWN = "KV:Pd:Unknown";

  public static final String RAFT_IO = "KV:Raft:Io";
  public static final String RAFT_STORE = "KV:Raft:Store";
  public static final String RAFT_STEP_LOCAL_MESSAGE = "KV:Raft:StepLocalMsg";
  public static final String RAFT_STEP_PEER_NOT_FOUND = "KV:Raft:StepPeerNotFound";
  public static final String RAFT_PROPOSAL_DROPPED = "KV:Raft:ProposalDropped";
  public static final String RAFT_CONFIG_INVALID = "KV:Raft:ConfigInvalid";
  public static final String RAFT_CODEC = "KV:Raft:CodecError";
  public static final String RAFT_EXISTS = "KV:Raft:Exists";
  public static final String RAFT_NOT_EXISTS = "KV:Raft:NotExists";
  public static final String RAFT_REQUEST_SNAPSHOT_DROPPED = "KV:Raft:RequestSnapshotDropped";
  public static final String RAFT_CONF_CHANGE = "KV:Raft:ConfChangeError";

  public static final String RAFTSTORE_PROPOSAL_IN_MERGING_MODE =
      "KV:Raftstore:ProposalInMergingMode";
  public static final String RAFTSTORE_READ_INDEX_NOT_READY = "KV:Raftstore:ReadIndexNotReady";
  public static final String RAFTSTORE_ENTRY_TOO_LARGE = "KV:Raftstore:EntryTooLarge";
  public static final String RAFTSTORE_NOT_LEADER = "KV:Raftstore:NotLeader";
  public static final String RAFTSTORE_DISK_FULL = "KV:Raftstore:DiskFull";
  public static final String RAFTSTORE_STORE_NOT_MATCH = "KV:Raftstore:StoreNotMatch";
  public static final String RAFTSTORE_REGION_NOT_FOUND = "KV:Raftstore:RegionNotFound";
  public static final String RAFTSTORE_REGION_NOT_INITIALIZED = "KV:Raftstore:RegionNotInitialized";
  public static final String RAFTSTORE_KEY_NOT_IN_REGION = "KV:Raftstore:KeyNotInRegion";
  public static final String RAFTSTORE_STALE_COMMAND = "KV:Raftstore:StaleCommand";
  public static final String RAFTSTORE_TRANSPORT = "KV:Raftstore:Transport";
  public static final String RAFTSTORE_COPROCESSOR = "KV:Raftstore:Coprocessor";
  public static final String RAFTSTORE_IO = "KV:Raftstore:Io";
  public static final String RAFTSTORE_PROTOBUF = "KV:Raftstore:Protobuf";
  public static final String RAFTSTORE_ADDRESS_PARSE = "KV:Raftstore:AddressParse";
  public static final String RAFTSTORE_TIMEOUT = "KV:Raftstore:Timeout";
  public static final String RAFTSTORE_EPOCH_NOT_MATCH = "KV:Raftstore:EpochNotMatch";
  public static final String RAFTSTORE_UNKNOWN = "KV:Raftstore:Unknown";
  public static final String RAFTSTORE_SERVER_IS_BUSY = "KV:Raftstore:ServerIsBusy";
  public static final String RAFTSTORE_DATA_IS_NOT_READY = "KV:Raftstore:DataIsNotReady";
  public static final String RAFTSTORE_MISMATCH_PEER_ID = "KV:Raftstore:MismatchPeerId";
  public static final String RAFTSTORE_RECOVERY_IN_PROGRESS = "KV:Raftstore:RecoveryInProgress";
  public static final String RAFTSTORE_FLASHBACK_IN_PROGRESS = "KV:Raftstore:FlashbackInProgress";
  public static final String RAFTSTORE_FLASHBACK_NOT_PREPARED = "KV:Raftstore:FlashbackNotPrepared";
  public static final String RAFTSTORE_IS_WITNESS = "KV:Raftstore:IsWitness";
  public static final String RAFTSTORE_SNAP_ABORT = "KV:Raftstore:SnapAbort";
  public static final String RAFTSTORE_SNAP_TOO_MANY = "KV:Raftstore:SnapTooMany";
  public static final String RAFTSTORE_SNAP_UNKNOWN = "KV:Raftstore:SnapUnknown";

  /** A server's own start-up and configuration; these have no counterpart in the raft layers. */
  public static final String SERVER_CONFIG = "KV:Server:Config";

  public static final String SERVER_ADDRESS_IN_USE = "KV:Server:AddressInUse";
  public static final String SERVER_TLS = "KV:Server:Tls";
  public static final String SERVER_IO = "KV:Server:Io";

  public static final String STORAGE_TIMEOUT = "KV:Storage:Timeout";
  public static final String STORAGE_EMPTY_REQUEST = "KV:Storage:EmptyRequest";
  public static final String STORAGE_CLOSED = "KV:Storage:Closed";
  public static final String STORAGE_IO = "KV:Storage:Io";
  public static final String STORAGE_SCHED_TOO_BUSY = "KV:Storage:SchedTooBusy";
  public static final String STORAGE_GC_WORKER_TOO_BUSY = "KV:Storage:GcWorkerTooBusy";
  public static final String STORAGE_KEY_TOO_LARGE = "KV:Storage:KeyTooLarge";
  public static final String STORAGE_INVALID_CF = "KV:Storage:InvalidCf";
  public static final String STORAGE_CF_DEPRECATED = "KV:Storage:CfDeprecated";
  public static final String STORAGE_TTL_NOT_ENABLED = "KV:Storage:TtlNotEnabled";
  public static final String STORAGE_TTL_LENGTHS_DO_NOT_MATCH = "KV:Storage:TtlLengthsDoNotMatch";
  public static final String STORAGE_PROTOBUF = "KV:Storage:Protobuf";
  public static final String STORAGE_INVALID_TXN_TSO = "KV:Storage:InvalidTxnTso";
  public static final String STORAGE_INVALID_REQUEST_RANGE = "KV:Storage:InvalidReqRange";
  public static final String STORAGE_BAD_FORMAT_LOCK = "KV:Storage:BadFormatLock";
  public static final String STORAGE_BAD_FORMAT_WRITE = "KV:Storage:BadFormatWrite";
  public static final String STORAGE_KEY_IS_LOCKED = "KV:Storage:KeyIsLocked";
  public static final String STORAGE_MAX_TIMESTAMP_NOT_SYNCED = "KV:Storage:MaxTimestampNotSynced";
  public static final String STORAGE_DEADLINE_EXCEEDED = "KV:Storage:DeadlineExceeded";
  public static final String STORAGE_API_VERSION_NOT_MATCHED = "KV:Storage:ApiVersionNotMatched";
  public static final String STORAGE_INVALID_KEY_MODE = "KV:Storage:InvalidKeyMode";
  public static final String STORAGE_COMMITTED = "KV:Storage:Committed";
  public static final String STORAGE_PESSIMISTIC_LOCK_ROLLED_BACK =
      "KV:Storage:PessimisticLockRolledBack";
  public static final String STORAGE_TXN_LOCK_NOT_FOUND = "KV:Storage:TxnLockNotFound";
  public static final String STORAGE_TXN_NOT_FOUND = "KV:Storage:TxnNotFound";
  public static final String STORAGE_LOCK_TYPE_NOT_MATCH = "KV:Storage:LockTypeNotMatch";
  public static final String STORAGE_WRITE_CONFLICT = "KV:Storage:WriteConflict";
  public static final String STORAGE_DEADLOCK = "KV:Storage:Deadlock";
  public static final String STORAGE_ALREADY_EXIST = "KV:Storage:AlreadyExist";
  public static final String STORAGE_DEFAULT_NOT_FOUND = "KV:Storage:DefaultNotFound";
  public static final String STORAGE_COMMIT_TS_EXPIRED = "KV:Storage:CommitTsExpired";
  public static final String STORAGE_COMMIT_TS_TOO_LARGE = "KV:Storage:CommitTsTooLarge";
  public static final String STORAGE_KEY_VERSION = "KV:Storage:KeyVersion";
  public static final String STORAGE_PESSIMISTIC_LOCK_NOT_FOUND =
      "KV:Storage:PessimisticLockNotFound";
  public static final String STORAGE_ASSERTION_FAILED = "KV:Storage:AssertionFailed";
  public static final String STORAGE_PRIMARY_MISMATCH = "KV:Storage:PrimaryMismatch";
  public static final String STORAGE_UNDETERMINED = "KV:Storage:Undetermined";
  public static final String STORAGE_UNKNOWN = "KV:Storage:Unknown";

  private ErrorCodes() {}
}
