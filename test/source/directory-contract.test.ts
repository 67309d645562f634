import { describeSource } from '../contract/source.js'
import { DirectoryOrigin } from './directory-origin.js'

describeSource('a directory', () => DirectoryOrigin.create())
