package io.rutile.store.loop;

/**
 * Runs tasks that may block (building snapshots, scanning for split keys, syncing) one after
 * another, away from the loops. Owned by: its own thread; several of them share nothing.
 */
public final class Worker implements Agent {
  private final String name;
  private final Mailbox<Runnable> mailbox = new Mailbox<>();

  public Worker(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Mailbox<Runnable> mailbox() {
    return mailbox;
  }

  @Override
  public boolean turn() {
    Runnable task = mailbox.poll();
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }
}
