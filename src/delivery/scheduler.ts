// Which target is next. Round robin over the lanes that have something due and are not held, within shares: half the pool
// for one target, a quarter for all whose last attempt failed, half for those and the ones not tried yet together. So a
// target that answers finds room whatever the others do. Targets that are wide are outside the pool, each by itself.

import type { DeliveryLane } from '../store/deliveries.js'
import { Heap, type HeapItem } from '../store/heap.js'
import type { Gate, Standing } from './gate.js'

/** A lane in turn. */
export class Turn implements HeapItem {
  readonly lane: DeliveryLane
  readonly gate: Gate
  heapAt = -1
  /** Rises with each turn it had: the lowest is next. */
  stamp = 0
  wakeAt = 0
  heap: Heap<Turn> | undefined

  constructor(lane: DeliveryLane, gate: Gate) {
    this.lane = lane
    this.gate = gate
  }
}

export class Scheduler {
  readonly #poolSize: number
  readonly #gateOf: (target: string) => Gate
  readonly #turns = new Map<string, Turn>()
  readonly #byTarget = new Map<string, Set<Turn>>()
  readonly #ready: Record<Standing, Heap<Turn>> = { proven: byStamp(), unproven: byStamp(), failing: byStamp() }
  readonly #wide = byStamp()
  readonly #asleep = new Heap<Turn>((a, b) => a.wakeAt < b.wakeAt)
  readonly #inFlight: Record<Standing, number> = { proven: 0, unproven: 0, failing: 0 }
  #lastStamp = 0

  constructor(poolSize: number, gateOf: (target: string) => Gate) {
    this.#poolSize = poolSize
    this.#gateOf = gateOf
  }

  /** Attempts that take a place in the pool. */
  get inFlight(): number {
    const { proven, unproven, failing } = this.#inFlight
    return proven + unproven + failing
  }

  /** When to look again although nothing has happened. */
  get nextWake(): number {
    return this.#asleep.first?.wakeAt ?? Number.POSITIVE_INFINITY
  }

  /** True when a target has deliveries in turn. */
  has(target: string): boolean {
    return this.#byTarget.has(target)
  }

  /** Something may be due in a lane earlier than before. */
  look(lane: DeliveryLane, now: number): void {
    let turn = this.#turns.get(lane.key)
    if (turn === undefined || turn.lane !== lane) {
      if (turn !== undefined) this.#drop(turn)
      turn = new Turn(lane, this.#gateOf(lane.target))
      this.#lastStamp += 1
      turn.stamp = this.#lastStamp
      this.#turns.set(lane.key, turn)
      const others = this.#byTarget.get(lane.target)
      if (others === undefined) this.#byTarget.set(lane.target, new Set([turn]))
      else others.add(turn)
    }
    this.#place(turn, now)
  }

  /** The lane whose turn it is. Follow it by `start`, and once a delivery is taken from it, by `look`. */
  next(now: number): Turn | undefined {
    for (let turn = this.#asleep.first; turn !== undefined && turn.wakeAt <= now; turn = this.#asleep.first) {
      this.#place(turn, now)
    }
    for (;;) {
      const turn = this.#first()
      if (turn === undefined) return undefined
      // It may have been held, or left by its deliveries, since it was placed.
      const { heap } = turn
      this.#place(turn, now)
      if (turn.heap === heap) return turn
    }
  }

  /** An attempt at a target begins: its place in the pool is taken. */
  start(gate: Gate): void {
    gate.inFlight += 1
    if (gate.width === undefined) this.#inFlight[gate.standing] += 1
  }

  /** Attempts at a target, those under way too, take no places in the pool. */
  widen(gate: Gate, width: number): void {
    if (gate.width === undefined) this.#inFlight[gate.standing] -= gate.inFlight
    gate.width = width
  }

  /** It has ended; `standing` is how it went, if it was made. */
  end(gate: Gate, standing: Standing | undefined, now: number): void {
    gate.inFlight -= 1
    const isPooled = gate.width === undefined
    if (isPooled) this.#inFlight[gate.standing] -= 1
    if (standing !== undefined && standing !== gate.standing) {
      if (isPooled) {
        this.#inFlight[gate.standing] -= gate.inFlight
        this.#inFlight[standing] += gate.inFlight
      }
      gate.standing = standing
    }
    this.lookAt(gate, now)
  }

  /** Something about a gate has changed. */
  lookAt(gate: Gate, now: number): void {
    const turns = this.#byTarget.get(gate.target)
    if (turns !== undefined) for (const turn of turns) this.#place(turn, now)
  }

  /** The turn at the back of the queue, after it had its go. */
  toBack(turn: Turn, now: number): void {
    this.#lastStamp += 1
    turn.stamp = this.#lastStamp
    this.#takeOut(turn)
    this.#place(turn, now)
  }

  #first(): Turn | undefined {
    return earlier(this.#wide.first, this.inFlight >= this.#poolSize ? undefined : this.#firstOfPool())
  }

  #firstOfPool(): Turn | undefined {
    const { proven, unproven, failing } = this.#ready
    const busy = this.#inFlight
    const failingShare = Math.max(1, Math.floor(this.#poolSize / 4))
    const unprovenShare = Math.max(1, Math.floor(this.#poolSize / 2))
    let first = proven.first
    if (busy.unproven + busy.failing < unprovenShare) first = earlier(first, unproven.first)
    if (busy.failing < failingShare) first = earlier(first, failing.first)
    return first
  }

  /** Puts a turn where it belongs by what is due and held now. */
  #place(turn: Turn, now: number): void {
    const { lane, gate } = turn
    const due = lane.nextDue
    if (due === Number.POSITIVE_INFINITY) {
      // While attempts are under way the next delivery is likely to come before the last of them ends.
      if (gate.inFlight === 0) this.#drop(turn)
      else this.#takeOut(turn)
      return
    }
    const at = Math.max(due, gate.hold(lane.breaker, now)?.until ?? 0)
    if (at > now) {
      turn.heap?.remove(turn)
      turn.wakeAt = at
      turn.heap = this.#asleep
      this.#asleep.push(turn)
      return
    }
    // At its share; looked at again when one of its attempts ends.
    const isAtShare = gate.inFlight >= this.#limit(turn, now)
    const heap = isAtShare ? undefined : gate.width === undefined ? this.#ready[gate.standing] : this.#wide
    if (heap === turn.heap) return
    turn.heap?.remove(turn)
    turn.heap = heap
    heap?.push(turn)
  }

  #limit({ gate, lane }: Turn, now: number): number {
    // The first attempt, and the one after a breaker was open, have to show what the target is like.
    if (gate.standing === 'unproven' || (lane.breaker && gate.breaker(now) === 'half_open')) return 1
    const share = Math.max(1, Math.floor(this.#poolSize / 2))
    if (gate.width === undefined) return share
    return gate.standing === 'failing' ? Math.min(share, gate.width) : gate.width
  }

  #takeOut(turn: Turn): void {
    turn.heap?.remove(turn)
    turn.heap = undefined
  }

  #drop(turn: Turn): void {
    this.#takeOut(turn)
    this.#turns.delete(turn.lane.key)
    const others = this.#byTarget.get(turn.lane.target)
    others?.delete(turn)
    if (others?.size === 0) this.#byTarget.delete(turn.lane.target)
  }
}

function byStamp(): Heap<Turn> {
  return new Heap((a, b) => a.stamp < b.stamp)
}

function earlier(a: Turn | undefined, b: Turn | undefined): Turn | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.stamp < b.stamp ? a : b
}
