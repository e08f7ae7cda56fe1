package io.rutile.store.apply;

import io.rutile.store.loop.Agent;
import io.rutile.store.loop.Mailbox;
import io.rutile.store.loop.PeerCommand;
import java.util.HashMap;
import java.util.Map;

/**
 * Applies the committed entries of its regions, many regions in one engine write. Regions are
 * spread over the workers by id and stay where they are.
 *
 * <p>Owned by: its own thread; store loops reach it through {@link #mailbox()}.
 */
public final class ApplyWorker implements Agent {
  /** Bytes in the write batch after which it is written although more entries wait. */
  private static final long BATCH_BYTES = 1 << 20;

  private final String name;
  private final Mailbox<ApplyCommand> mailbox = new Mailbox<>();
  private final ApplyContext context;
  private final Map<Long, AppliedRegion> regions = new HashMap<>();

  public ApplyWorker(String name, ApplyServices services) {
    this.name = name;
    this.context = new ApplyContext(services);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Mailbox<ApplyCommand> mailbox() {
    return mailbox;
  }

  @Override
  public boolean turn() {
    boolean worked = false;
    ApplyCommand command = mailbox.poll();
    while (command != null) {
      worked = true;
      handle(command);
      if (context.batch().sizeBytes() >= BATCH_BYTES) {
        context.flush();
      }
      command = mailbox.poll();
    }
    if (worked) {
      context.flush();
    }
    return worked;
  }

  private void handle(ApplyCommand command) {
    switch (command) {
      case ApplyCommand.Register register ->
          regions.put(register.regionId(), new AppliedRegion(register, context));
      case ApplyCommand.Commit commit -> {
        AppliedRegion region = regions.get(commit.regionId());
        if (region == null) {
          throw new IllegalStateException(
              "entries for region " + commit.regionId() + ", which is not registered");
        }
        region.apply(commit);
      }
      case ApplyCommand.SourceReady ready -> absorb(ready);
      case ApplyCommand.Remove remove -> {
        context.flush();
        AppliedRegion region = regions.get(remove.regionId());
        if (region != null && region.image().self().getId() == remove.peerId()) {
          region.abandon();
          regions.remove(remove.regionId());
        }
        remove.done().run();
      }
      case ApplyCommand.Replace replace -> {
        context.flush();
        AppliedRegion region = regions.remove(replace.regionId());
        if (region != null) {
          region.abandon();
        }
        replace.task().run();
      }
    }
  }

  private void absorb(ApplyCommand.SourceReady ready) {
    long sourceId = ready.source().getRegion().getId();
    AppliedRegion region = regions.get(ready.regionId());
    if (region != null && region.awaits(sourceId)) {
      region.absorb(ready.source());
    } else {
      context.services().toLoop().accept(new PeerCommand.Thaw(sourceId));
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
