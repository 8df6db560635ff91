export interface Disposable {
  dispose(): void;
}

/**
 * Disposes of what it holds in reverse order of addition, each once. What is added after that is disposed of at once:
 * an object made by a slow activation must not outlive the extension.
 */
export class DisposableStore implements Disposable {
  private readonly items: Disposable[] = [];
  private disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.push(item);
    return item;
  }

  dispose(): void {
    this.disposed = true;
    for (let item = this.items.pop(); item !== undefined; item = this.items.pop()) item.dispose();
  }
}
