import { memoryStore } from '../../src/store/memory.js'
import { describeStore } from '../contract/store.js'

describeStore('memoryStore', async () => memoryStore())
