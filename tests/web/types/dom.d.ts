/** The page's own events carry a `detail`; their listeners are not told apart by name. */
interface Event {
  readonly detail?: any;
}
