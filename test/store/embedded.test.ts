import { RawNumber } from '../../src/expression/json.js'
import { openStore } from '../../src/store/embedded.js'
import { describeStore } from '../contract/store.js'
import { temporaryFolders } from './temporary-folder.js'

const temporaryFolder = temporaryFolders()

describeStore('openStore', () => openStore(temporaryFolder(), { rawNumber: RawNumber }))
describeStore('openStore with small segments', () =>
  openStore(temporaryFolder(), { rawNumber: RawNumber, segmentBytes: 256 }),
)
describeStore('openStore with values on disk', () =>
  openStore(temporaryFolder(), { rawNumber: RawNumber, onDisk: ['a/', 'k/'], segmentBytes: 256 }),
)
