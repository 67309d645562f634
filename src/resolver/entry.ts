import type { MockProgram } from '../resources/kinds/mock-program.js'
import type { Resource } from '../resources/resource.js'

/** A mock as the resolver runs it: what a `Resource` of kind Mock is, with its program. */
export interface Entry extends Pick<Resource, 'id' | 'namespace' | 'name' | 'file' | 'line'> {
  readonly program: MockProgram
}
