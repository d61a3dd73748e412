-- What cells print for a terminal, an error above all, has colours as escape codes; on paper they would be read as text.
if FORMAT:match("html") then
  return {}
end

function CodeBlock(block)
  if block.text:find("\27[", 1, true) then
    block.text = block.text:gsub("\27%[[%d;]*m", "")
    return block
  end
end
